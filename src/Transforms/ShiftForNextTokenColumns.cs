namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>The columns of one shift: two that are read, three that are added.</summary>
internal sealed record ShiftForNextTokenColumns(string Tokens, string Mask, string InputIds, string Labels, string LossMask)
{
    /// <summary>The default names for one side of a pair, such as <c>Chosen</c>.</summary>
    public static ShiftForNextTokenColumns For(string side) =>
        new($"{side}Tokens", $"{side}Mask", $"{side}InputIds", $"{side}Labels", $"{side}LossMask");
}
