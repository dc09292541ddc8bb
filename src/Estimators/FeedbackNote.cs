using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The loss that a scorer was trained with, as a note at its rewards, so that an evaluation measures the same.</summary>
/// <param name="Objective">The loss.</param>
/// <param name="Baseline">Its baseline z as training measured it last, nats.</param>
internal sealed record FeedbackNote(FeedbackObjective Objective, double Baseline)
{
    private const string Kind = "FeedbackObjective";

    /// <summary>The note as it is attached.</summary>
    public TextNote ToNote() => new(Kind, JsonSerializer.Serialize(this, EntryJson.Options));

    /// <summary>The note of a column of rewards; <see langword="null"/> where there is none, as in data that was stored as text.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static FeedbackNote? Find(DataViewSchema.Column rewards)
    {
        string? text = TextNote.Find(rewards, Kind);
        if (text is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize<FeedbackNote>(text, EntryJson.Options) ?? throw new JsonException("It is null.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"Column '{rewards.Name}' is noted to be of a loss that cannot be read: {fault.Message}", fault);
        }
    }
}
