using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using QuickStart;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class PairsTests : IDisposable
{
    private readonly MLContext _context = new(seed: 42);
    private readonly string _folder = Directory.CreateTempSubdirectory("pairs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void Load_OwnData_HoldsPromptsOut(int prompts)
    {
        (IDataView train, IDataView heldOut) = Load(prompts, perPrompt: 5);

        List<string> trained = [.. train.GetColumn<string>("Chosen").Select(Prompt)], tested = [.. heldOut.GetColumn<string>("Chosen").Select(Prompt)];
        (trained.Count + tested.Count).Should().Be(prompts * 5);
        trained.Should().NotBeEmpty().And.NotIntersectWith(tested);
        tested.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(1, "*the data has one prompt only (1 row)*Take data with more prompts.")]
    [InlineData(5, "*the data has one prompt only (5 rows)*Take data with more prompts.")]
    public void Load_OnePrompt_SaysThatMoreAreNeeded(int perPrompt, string message) =>
        FluentActions.Invoking(() => Load(1, perPrompt)).Should().Throw<InvalidDataException>().WithMessage(message);

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(2.2, "3 s")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(3599.5, "1 h 0 min")]
    [InlineData(97200, "27 h 0 min")]
    public void Of_Time_IsSaidInItsLargestUnits(double seconds, string text) => TimeLeft.Of(TimeSpan.FromSeconds(seconds)).Should().Be(text);

    private (IDataView Train, IDataView HeldOut) Load(int prompts, int perPrompt)
    {
        string path = Path.Combine(_folder, "own.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, prompts * perPrompt)
            .Select(i => JsonSerializer.Serialize(new { prompt = $"question {i / perPrompt}", chosen = $"yes {i}", rejected = $"no {i}" })));
        return Pairs.Load(_context, QuickStartOptions.Parse(["--data", path]));
    }

    private static string Prompt(string conversation) => JsonDocument.Parse(conversation).RootElement[0].GetProperty("content").GetString()!;
}
