namespace MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

/// <summary>Two short runs on some of the bakery's pairs, made once: the second at a higher rate, with an adapter.</summary>
public sealed class TrainedRuns : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainedRuns()
    {
        Pairs = _folder.FirstLines("pairs.jsonl", TestFiles.HeldOut, 20);
        string[] lines = [.. System.IO.File.ReadLines(TestFiles.HeldOut).Skip(20).Take(12)];
        Measured = _folder.Write("measured.jsonl", string.Concat(lines.Select(line => line + "\n")));
        string[] shared =
        [
            "--model", TestFiles.Model, "--data", Pairs, "--held-out", Measured, "--preparation.max-length", "64", "--validation.sample-prompts", "0",
            "--validation.kl-pairs", "4", "--log-interval", "1",
        ];
        First = _folder.File("first");
        Second = _folder.File("second");
        ToolRun first = ToolRun.Of(["train", .. shared, "--output", First, "--learning-rate", "1e-5", "--save", "folder", "--save", "zip"]);
        ToolRun second = ToolRun.Of(
            ["train", .. shared, "--output", Second, "--learning-rate", "5e-3", "--adapter.rank", "4", "--save", "adapter", "--save", "zip"]);
        first.Exit.Should().Be(0, first.Errors);
        second.Exit.Should().Be(0, second.Errors);
    }

    /// <summary>The pairs that were trained on.</summary>
    public string Pairs { get; }

    /// <summary>Those that were held out.</summary>
    public string Measured { get; }

    /// <summary>The folder of the first run.</summary>
    public string First { get; }

    /// <summary>That of the second.</summary>
    public string Second { get; }

    public void Dispose() => _folder.Dispose();
}
