using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

public sealed class DiagnosePageTests
{
    [Fact]
    public void Page_Screen_IsWhatTheExamplesDataGives()
    {
        string page = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "DIAGNOSE.md"));
        string screen = page.Split("```text\n")[1].Split("```")[0];
        MLContext context = new(seed: 1);
        string folder = Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart");
        using PretrainedModel model = PretrainedModel.Load(Path.Combine(folder, "model"));

        string text = context.Preferences.Diagnose(
            context.Preferences.LoadFromJsonl(Path.Combine(folder, "data", "train.jsonl")), model,
                context.Preferences.LoadFromJsonl(Path.Combine(folder, "data", "heldout.jsonl"))).ToString();

        // the model's margins are rounded otherwise on other processors
        text.Split("  Model ")[0].Should().Be(screen.Split("  Model ")[0]);
        text.Should().Contain("  Model     of 420 pairs scored it prefers the chosen answer in");
    }
}
