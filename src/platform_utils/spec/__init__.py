"""What the workspace is about, each fact once: codebook, table plan, contracts between the stages."""
