namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>What a template writes behind an answer.</summary>
/// <param name="Symbols">All of it, up to the next message's content or to the end of the text.</param>
/// <param name="Masked">For every symbol whether it belongs to the response: up to and with the end token, or whatever a generation mark holds.</param>
/// <param name="EndsText">Whether the text ends with it.</param>
/// <param name="IsAmbiguous">Whether the template writes the same behind other messages' contents.</param>
internal sealed record TurnEnd(int[] Symbols, bool[] Masked, bool EndsText, bool IsAmbiguous)
{
    /// <summary>Whether the rest of a sequence starts with this, or was cut within it.</summary>
    public bool Matches(ReadOnlySpan<int> rest) =>
        rest.Length <= Symbols.Length ? Symbols.AsSpan().StartsWith(rest) && !rest.IsEmpty : !EndsText && rest.StartsWith(Symbols);
}
