namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A pair as a trainer reads it.</summary>
public sealed class PreparedRow : CaseRow
{
    public int[] ChosenInputIds { get; set; } = [];
    public int[] ChosenLabels { get; set; } = [];
    public float[] ChosenLossMask { get; set; } = [];
    public int[] RejectedInputIds { get; set; } = [];
    public int[] RejectedLabels { get; set; } = [];
    public float[] RejectedLossMask { get; set; } = [];

    /// <summary>What each column is made of: its own side, or both where they share a decision.</summary>
    public static Dictionary<string, string[]> Reads(bool bothSides) =>
        ((string[])["Chosen", "Rejected"])
            .SelectMany(side => ((string[])["InputIds", "Labels", "LossMask"]).Select(suffix => (Column: side + suffix, Side: side)))
            .ToDictionary(pair => pair.Column, pair => bothSides ? (string[])["Chosen", "Rejected"] : [pair.Side]);
}
