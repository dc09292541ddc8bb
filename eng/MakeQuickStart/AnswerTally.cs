using MakeQuickStart.Bakery;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo;

namespace MakeQuickStart;

/// <summary>How a model answers held-out questions, each by its most likely answer.</summary>
/// <param name="Asked">Questions.</param>
/// <param name="RightFacts">Answers that begin with the right fact.</param>
/// <param name="Friendly">Answers that are whole in the friendly voice.</param>
/// <param name="Gruff">Answers that are whole in the gruff voice.</param>
internal sealed record AnswerTally(int Asked, int RightFacts, int Friendly, int Gruff)
{
    /// <summary>Asks them all.</summary>
    public static async Task<AnswerTally> OfAsync(PretrainedModel model, IReadOnlyCollection<Preference> heldOut)
    {
        using IChatClient chat = model.AsChatClient();
        ChatOptions greedy = new() { Temperature = 0, MaxOutputTokens = 64 };
        List<AnswerReading> readings = [];
        foreach (Preference preference in heldOut)
            readings.Add(AnswerReading.Of(preference.Question, (await chat.GetResponseAsync(preference.Question, greedy)).Text));
        return new(readings.Count, readings.Count(r => r.FactIsRight), readings.Count(r => r.IsWholeIn(Voice.Friendly)),
            readings.Count(r => r.IsWholeIn(Voice.Gruff)));
    }
}
