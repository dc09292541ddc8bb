namespace MakeQuickStart.Bpe;

/// <summary>What BPE training finds.</summary>
/// <param name="Tokens">By id: special tokens, the byte alphabet, then one token per merge.</param>
/// <param name="Merges">Pairs of tokens that become one, most important first.</param>
internal sealed record Vocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges);
