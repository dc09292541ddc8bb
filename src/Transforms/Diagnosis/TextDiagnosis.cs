namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Looks at the texts of pairs, without a model: one pass over each view, and a second over those that have candidates of near duplicates.</summary>
internal sealed class TextDiagnosis
{
    /// <summary>Runs the diagnosis.</summary>
    /// <param name="training">The pairs to train on.</param>
    /// <param name="heldOut">Pairs to test on; null for none.</param>
    /// <param name="settings">How.</param>
    /// <exception cref="InvalidDataException">There is no pair, or a row holds none.</exception>
    public TextDiagnosis(PairSource training, PairSource? heldOut, DiagnosisSettings settings)
    {
        SimilarPairs similar = new(settings);
        BiasTally biases = new(settings.Examples);
        int row = 0;
        foreach (DiagnosedPair pair in training.Read())
        {
            bool isNew = Repetitions.Add(pair);
            if (isNew)
                similar.AddTraining(pair, row, heldOut is not null);
            if (!pair.IsIdentical)
                biases.Add(pair);
            row = checked(row + 1);
        }
        Pairs = row;
        if (Pairs == 0)
            throw new InvalidDataException("The data has no pair to look at.");
        (Length, Formats) = (biases.Length(), biases.Formats(settings.BiasLimit));
        if (heldOut is not null)
            ReadHeldOut(heldOut, similar);
        (NearDuplicates, NearLeaks) = similar.Compare(training, heldOut);
    }

    /// <summary>Pairs that were read.</summary>
    public long Pairs { get; }

    /// <summary>Held-out pairs that were read; null where there were none to read.</summary>
    public long? HeldOut { get; private set; }

    /// <summary>What comes again.</summary>
    public RepetitionTally Repetitions { get; } = new();

    /// <summary>What lengths say.</summary>
    public LengthBias Length { get; }

    /// <summary>What forms say.</summary>
    public IReadOnlyList<FormatBias> Formats { get; }

    /// <summary>Pairs that nearly repeat an earlier one.</summary>
    public IReadOnlyList<Resemblance> NearDuplicates { get; }

    /// <summary>Held-out pairs whose prompt stands in the training data, and where.</summary>
    public List<(long Line, long Earlier)> Leaks { get; } = [];

    /// <summary>Held-out pairs whose prompt nearly does.</summary>
    public IReadOnlyList<Resemblance> NearLeaks { get; }

    private void ReadHeldOut(PairSource heldOut, SimilarPairs similar)
    {
        int row = 0;
        foreach (DiagnosedPair pair in heldOut.Read())
        {
            if (pair.Prompt is not null && Repetitions.LineOf(pair.Prompt) is { } line)
                Leaks.Add((pair.Line, line));
            else
                similar.AddHeldOut(pair, row);
            row = checked(row + 1);
        }
        HeldOut = row;
        if (row == 0)
            throw new InvalidDataException("The held-out data has no pair to look at.");
    }
}
