using System.Text.Json;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

/// <summary>Pairs of random words, the sides drawn alike: nothing tells the chosen one, and no two are similar.</summary>
internal sealed class MadeUpPairs(int seed = 1)
{
    private readonly Random _random = new(seed);

    public string Words(int least, int most) => string.Join(' ', Enumerable.Range(0, _random.Next(least, most + 1)).Select(_ => Word()));

    public string Word() =>
        string.Concat(Enumerable.Range(0, _random.Next(2, 4)).Select(_ => $"{"bdfgklmnprstvz"[_random.Next(14)]}{"aeiou"[_random.Next(5)]}"));

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public string Answer()
    {
        string answer = $"{char.ToUpperInvariant(Word()[0])}{Words(25, 60)}";
        if (Chance(0.2))
            answer += "\n- " + Words(1, 3) + "\n- " + Words(1, 3);
        if (Chance(0.2))
            answer += " **" + Word() + "**";
        if (Chance(0.2))
            answer += " (" + _random.Next(100) + ")";
        return answer + (Chance(0.2) ? "!" : Chance(0.1) ? "?" : ".");
    }

    public List<MadeUpPair> Make(int count) => [.. Enumerable.Range(1, count).Select(line => new MadeUpPair(line, Words(30, 50), Answer(), Answer()))];

    public static IDataView View(MLContext context, IEnumerable<MadeUpPair> pairs) =>
        context.Data.LoadFromEnumerable(pairs.Select(pair => pair.ToRow()).ToList());

    public static string Conversation(string prompt, string answer, string? system = null) => JsonSerializer.Serialize(
        new[] { ("system", system), ("user", prompt), ("assistant", answer) }.Where(message => message.Item2 is not null)
            .Select(message => new Dictionary<string, string> { ["role"] = message.Item1, ["content"] = message.Item2! }));
}
