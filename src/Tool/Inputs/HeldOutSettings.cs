namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>What is measured on and not trained on.</summary>
internal sealed record HeldOutSettings
{
    /// <summary>The files with rows to measure on, of the kinds that 'data' may have.</summary>
    public IReadOnlyList<string> HeldOut { get; init; } = [];

    /// <summary>The share of the data's prompts to measure on in place of files; 0 for none.</summary>
    public double TestFraction { get; init; }

    /// <summary>Whether there are any.</summary>
    public bool Any => HeldOut.Count > 0 || TestFraction > 0;

    /// <summary>Refuses what contradicts itself.</summary>
    /// <exception cref="ArgumentException">Both are given, or the fraction is out of its range.</exception>
    public void Validate()
    {
        if (HeldOut.Count > 0 && TestFraction != 0)
            throw new ArgumentException("'held-out' and 'test-fraction' both say what is measured on; give one.");
        if (!(TestFraction is >= 0 and < 1))
            throw new ArgumentException(FormattableString.Invariant($"'test-fraction' is {TestFraction}; it must be from 0 to below 1."));
    }
}
