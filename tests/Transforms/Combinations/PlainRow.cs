namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>A pair as plain text, in columns as an app has them.</summary>
public sealed class PlainRow : CaseRow
{
    public string Question { get; set; } = "";
    public string Good { get; set; } = "";
    public string Bad { get; set; } = "";
    public string Instructions { get; set; } = "";

    /// <summary>Twelve pairs; every third is given instructions.</summary>
    public static PlainRow[] All =>
    [
        .. Enumerable.Range(0, 12).Select(i => new PlainRow
        {
            Question = $"question {i}?\n\"天气\"", Good = string.Concat(Enumerable.Repeat("the answer is ", 1 + i)) + i, Bad = $"  no {i}",
                Instructions = i % 3 == 0 ? $"be brief {i}" : " ",
        }),
    ];
}
