namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A pair's masks.</summary>
public sealed class MaskRow : CaseRow
{
    public float[] ChosenMask { get; set; } = [];
    public float[] RejectedMask { get; set; } = [];
}
