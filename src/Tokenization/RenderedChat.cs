namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A rendered conversation, and the pieces of it that the template marks with <c>{% generation %}</c>.</summary>
/// <param name="Text">The rendered text.</param>
/// <param name="GenerationSpans">Start and length of each marked piece, in UTF-16 units of <paramref name="Text"/>, in order; empty where the template marks
/// none.</param>
internal sealed record RenderedChat(string Text, IReadOnlyList<(int Start, int Length)> GenerationSpans);
