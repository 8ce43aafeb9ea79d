"""The pages as other files: PDF, PowerPoint, narration, screenshots."""
