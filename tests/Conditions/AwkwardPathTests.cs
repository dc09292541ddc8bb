using System.Text;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Conditions;

/// <summary>Folders whose names are awkward: data, models, run directories and checkpoints all work in them.</summary>
public sealed class AwkwardPathTests
{
    // the longest name of a file that Linux allows has 255 bytes; what is written beside it needs some of them
    private const int LongNameBytes = 250;

    public static TheoryData<string> Names => new()
    {
        "with spaces and a trailing dot.",
        "#hash %41 percent & [brackets] {braces} 'quote'",
        "用户/模型 二",
        Long("päth-"),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void WholeApp_InAnAwkwardFolder_WritesAndReadsEverything(string name)
    {
        using TemporaryFolder root = new();

        WholeApp app = new(Directory.CreateDirectory(Path.Combine(root.Path, name)).FullName);

        app.LoadedScores.Should().Equal(app.Scores);
        File.ReadAllLines(app.File("run/metrics.jsonl")).Should().HaveCount(3);
        Directory.EnumerateFiles(app.Folder, "*", SearchOption.AllDirectories).Select(Path.GetExtension).Should()
            .NotContain(".tmp", "what was written beside is renamed");
    }

    private static string Long(string part)
    {
        StringBuilder name = new();
        while (Encoding.UTF8.GetByteCount(name.ToString() + part) <= LongNameBytes)
            name.Append(part);
        return name.ToString();
    }
}
