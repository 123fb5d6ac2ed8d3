"""Posts that users write, comment and like, with pages that are kept for a while and sign-ins that end."""
