namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>What a template writes before an answer.</summary>
/// <param name="Symbols">All of it; behind it everything belongs to the response until an end.</param>
/// <param name="Masked">For every symbol whether it belongs to the response too, as a generation mark around the header may have it.</param>
/// <param name="IsAmbiguous">Whether the template begins other messages with the same, or with more that starts with it.</param>
internal sealed record TurnOpening(int[] Symbols, bool[] Masked, bool IsAmbiguous = false);
