namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A column that is the number of a row's field, or the difference of two.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Option">The option that names the field.</param>
/// <param name="Field">The field.</param>
internal sealed record NumberField(string Column, string Option, string Field)
{
    /// <summary>The option and the field of what is taken off; null for nothing.</summary>
    public (string Option, string Field)? Less { get; init; }

    /// <summary>The least that the number may be.</summary>
    public double Least { get; init; } = float.MinValue;

    /// <summary>The fields, with the options that name them.</summary>
    public IEnumerable<(string Option, string Field)> Fields => Less is { } less ? [(Option, Field), less] : [(Option, Field)];
}
