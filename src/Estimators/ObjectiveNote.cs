using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The loss that a scorer was trained with, as a note at its margins, so that an evaluation measures the same.</summary>
internal static class ObjectiveNote
{
    private const string Kind = "PreferenceObjective";

    /// <summary>The note.</summary>
    public static TextNote Of(PreferenceObjective objective) => new(Kind, JsonSerializer.Serialize(objective, EntryJson.Options));

    /// <summary>Whether a column has the note, so that its margins are scores of a model.</summary>
    public static bool IsAt(DataViewSchema.Column margins) => TextNote.Find(margins, Kind) is not null;

    /// <summary>The loss of margins of which nothing is noted: the sigmoid loss, a function of the margin alone.</summary>
    public static PreferenceObjective OfMargins { get; } = new(PreferenceLoss.Sigmoid(), 1, LogProbReduction.Mean);

    /// <summary>The loss of a column of margins; <see langword="null"/> where it does not say, as in data that was stored as text.</summary>
    /// <exception cref="InvalidDataException">The note is of a loss that is not known here.</exception>
    public static PreferenceObjective? Find(DataViewSchema.Column margins)
    {
        string? text = TextNote.Find(margins, Kind);
        if (text is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize<PreferenceObjective>(text, EntryJson.Options) ?? throw new JsonException("It is null.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"Column '{margins.Name}' is noted to be of a loss that cannot be read: {fault.Message}", fault);
        }
    }
}
