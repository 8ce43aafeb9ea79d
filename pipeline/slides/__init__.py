"""deck/slides -> Slides: their source, their Markdown, their layouts."""
