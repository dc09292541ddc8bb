namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>Token rows of lengths 0 to 9 for the shift.</summary>
public static class ShiftForNextTokenCase
{
    public static Dictionary<string, string[]> Reads => new()
    {
        ["ChosenInputIds"] = ["ChosenTokens"],
        ["ChosenLabels"] = ["ChosenTokens"],
        ["ChosenLossMask"] = ["ChosenTokens", "ChosenMask"],
    };

    public static Input[] Rows =>
    [
        .. Enumerable.Range(0, 10).Select(length => new Input
        {
            ChosenTokens = [.. Enumerable.Range(10 * length, length)],
            ChosenMask = [.. Enumerable.Range(0, length).Select(i => i % 3 == 0 ? 1f : 0f)],
        }),
    ];

    public sealed class Input : CaseRow
    {
        public int[] ChosenTokens { get; set; } = [];
        public float[] ChosenMask { get; set; } = [];
    }

    public sealed class Output : CaseRow
    {
        public int[] ChosenInputIds { get; set; } = [];
        public int[] ChosenLabels { get; set; } = [];
        public float[] ChosenLossMask { get; set; } = [];
    }
}
