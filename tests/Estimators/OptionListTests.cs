using System.Globalization;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class OptionListTests
{
    [Fact]
    public void OfRun_EveryOption_IsListedUnlessItMayDiffer()
    {
        using PretrainedModel model = SmallModel.Create();

        Unlisted(new DpoTrainer.Options { Model = model }).Should().BeEquivalentTo(
            "Model", "ReferenceModel", "Checkpoints", "CancellationToken", "StopToken", "Communicator", "Progress", "Forecast", "Logger", "ConsoleWarnings",
                "RunDirectory", "LogInterval", "Threads", "Device", "AutoBatch", "TuneNativeHeap",
            "Accumulation", "Adapter", "FreezeLayers",
            "Loss", "Margin", "KeepReference", "UnusablePairs", "ScoringBatchSize", "ReferenceCacheFolder", "ReferenceSync", "InputColumns", "ScoreColumns",
            "LearningRateSearch");
        Unlisted(new SftTrainer.Options { Model = model }).Should().BeEquivalentTo(
            "Model", "Checkpoints", "CancellationToken", "StopToken", "Communicator", "Progress", "Forecast", "Logger", "ConsoleWarnings", "RunDirectory",
                "LogInterval", "Threads", "Device", "AutoBatch", "TuneNativeHeap", "Accumulation",
            "Adapter", "FreezeLayers", "InputIdsColumnName", "LabelsColumnName", "LossMaskColumnName", "LineNumberColumnName", "TokenCountColumnName",
            "WeightColumnName");
    }

    [Theory]
    [InlineData(AccumulationRule.PerExample, 1, false)]
    [InlineData(AccumulationRule.PerExample, 4, false)]
    [InlineData(AccumulationRule.PerBatch, 1, false)]
    [InlineData(AccumulationRule.PerBatch, 4, true)]
    public void OfRun_RuleOfAccumulation_IsListedWhereItActs(AccumulationRule rule, int steps, bool listed)
    {
        using PretrainedModel model = SmallModel.Create();

        OptionList.OfRun(new DpoTrainer.Options { Model = model, Accumulation = rule, AccumulationSteps = steps })
            .Any(option => option.Key == "Accumulation").Should()
                .Be(listed, "checkpoints from before there was a rule go on, and with another rule than theirs do not");
    }

    [Fact]
    public void OfRun_Loss_IsListedUnlessItIsTheOneFromBeforeThereWasAChoice()
    {
        using PretrainedModel model = SmallModel.Create();
        string? Listed(PreferenceLoss loss) => OptionList.OfRun(new DpoTrainer.Options { Model = model, Loss = loss })
            .SingleOrDefault(option => option.Key == "Loss").Value;

        Listed(PreferenceLoss.Sigmoid()).Should().BeNull("checkpoints from before there was a choice go on");
        Listed(PreferenceLoss.Sigmoid(labelSmoothing: 0.25)).Should().Be("SigmoidLoss { LabelSmoothing = 0.25 }", "a run with another loss is another run");
    }

    [Fact]
    public void OfRun_PartThatIsTrained_IsListedUnlessItIsAll()
    {
        using PretrainedModel model = SmallModel.Create();
        List<string> Listed(DpoTrainer.Options options) =>
            [.. OptionList.OfRun(options).Where(option => option.Key.StartsWith("Adapter", StringComparison.Ordinal) || option.Key == "FreezeLayers")
                .Select(option => $"{option.Key} {option.Value}")];

        Listed(new() { Model = model }).Should().BeEmpty("checkpoints from before parts were trained go on");
        Listed(new() { Model = model, FreezeLayers = 1 }).Should().Equal("FreezeLayers 1");
        Listed(new() { Model = model, Adapter = new LoraOptions { Targets = LoraTargets.Named("q_proj"), Layers = [1] } }).Should().Equal(
            "Adapter.Rank 16", "Adapter.Alpha 32", "Adapter.Dropout 0", "Adapter.Targets.Names[0] q_proj", "Adapter.RankStabilized False",
                "Adapter.Dora False", "Adapter.Layers[0] 1",
            "Adapter.BaseFormat Float32", "Adapter.ContinuesExisting False");
    }

    [Fact]
    public void OfRun_Margin_IsListedWhereThereIsOne()
    {
        using PretrainedModel model = SmallModel.Create();
        string[] Listed(PreferenceMargin margin) =>
            [.. OptionList.OfRun(new DpoTrainer.Options { Model = model, Margin = margin })
                .Where(option => option.Key.StartsWith("Margin", StringComparison.Ordinal))
                .Select(option => $"{option.Key} = {option.Value}")];

        Listed(PreferenceMargin.LogScoreGap(0.25)).Should().Equal("Margin.IsScoreGap = True", "Margin.Scale = 0.25");
    }

    [Fact]
    public void OfRun_AnotherCulture_GivesTheSameTexts()
    {
        using PretrainedModel model = SmallModel.Create();
        IEnumerable<KeyValuePair<string, string>> List() => OptionList.OfRun(new DpoTrainer.Options
        {
            Model = model, Beta = 0.25, Optimizer = OptimizerOptions.RmsProp(alpha: 0.95), Schedule = ScheduleOptions.Cosine(3, floor: 0.125),
        }).ToList();
        IEnumerable<KeyValuePair<string, string>> expected = List();
        CultureInfo before = CultureInfo.CurrentCulture, commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = commas;
        try
        {
            0.5.ToString().Should().Be("0,5", "the test must see another culture");
            List().Should().Equal(expected);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        expected.Should().Contain(new KeyValuePair<string, string>("Beta", "0.25")).And.Contain(o => o.Key == "Optimizer" && o.Value.Contains("Alpha = 0.95"))
            .And.Contain(o => o.Key == "Schedule" && o.Value.Contains("Floor = 0.125")).And.Contain(new KeyValuePair<string, string>("Trainer", "DpoTrainer"));
    }

    private static IEnumerable<string> Unlisted(TrainingOptions options)
    {
        HashSet<string> listed = [.. OptionList.OfRun(options).Select(o => o.Key.Split('.', '[')[0])];
        return options.GetType().GetProperties().Select(p => p.Name).Where(name => !listed.Contains(name));
    }
}
