namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>A small model of a family: its configuration as its publishers write it, its tensors, and how its numbers are to be read.</summary>
internal sealed record FamilyCase
{
    public const int Vocabulary = 1100;

    public required string Name { get; init; }

    /// <summary><c>config.json</c>; empty for none.</summary>
    public required string Config { get; init; }

    /// <summary>Names and shapes, in the order of the file.</summary>
    public required IReadOnlyList<(string Name, int[] Shape)> Tensors { get; init; }

    /// <summary>From the numbers to the decoder.</summary>
    public required Func<IReadOnlyDictionary<string, double[]>, ScalarDecoder> Oracle { get; init; }

    /// <summary>About what a norm's weights are: 1, or 0 where one is added to them.</summary>
    public double NormCentre { get; init; } = 1;

    public override string ToString() => Name;
}
