using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>The first sample of the README, as it stands there: compiled, run as a program, and it teaches what the README says.</summary>
public sealed class ReadmeSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sample_OfTheReadme_TeachesSomethingThatShows()
    {
        CodeBlock sample = CodeBlock.Of("README.md", ProjectPages.Read("README.md")).First();
        string program = _folder.File("Sample.dll");
        File.WriteAllBytes(program, PageCompiler.Program(sample, "Sample"));
        CopyQuickStart("model", "data");

        ProcessStartInfo start = TestProgram.Start("MiniMind.MLNet.Dpo.LoadProbe.dll", "--program", program);
        start.WorkingDirectory = _folder.Path;
        (int exit, string output, string errors) = TestProgram.Run(start);

        exit.Should().Be(0, errors);
        output.Should().MatchRegex(@"step \d+ of \d+: loss 0\.\d+, accuracy [\d.]+ %, margin", "progress is printed");
        errors.Should().BeEmpty("nothing is amiss in this run");
        double accuracy = Number(output, @"accuracy ([\d.]+) ?% \["), margin = Number(output, @"mean margin (-?[\d.]+)");
        accuracy.Should().BeGreaterThan(95, "on questions that were held out");
        margin.Should().BeGreaterThan(0.5);
        string before = Answer(output, "before"), after = Answer(output, "after");
        before.Should().NotBe(after);
        after.Should().EndWith("!", "every friendly answer of the bakery ends so, and no gruff one");
        before.Should().NotEndWith("!");
        MLContext context = new();
        using IDisposable loaded = (IDisposable)context.Preferences.LoadModel(_folder.File("bakery-dpo.zip"));
        using PretrainedModel saved = PretrainedModel.Load(_folder.File("bakery-dpo"));
        saved.ParameterCount.Should().BePositive();
    }

    private static double Number(string text, string pattern) => double.Parse(Regex.Match(text, pattern).Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Answer(string output, string when) => Regex.Match(output, $"^{when}: +(.*)$", RegexOptions.Multiline).Groups[1].Value.Trim();

    private void CopyQuickStart(params string[] parts)
    {
        foreach (string source in parts.SelectMany(part => Directory.EnumerateFiles(TestFiles.Repository("examples", "QuickStart", part))))
        {
            string target = _folder.File(Path.GetRelativePath(TestFiles.RepositoryRoot, source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }
    }
}
