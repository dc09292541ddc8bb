using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>What a run writes to standard error, which is caught meanwhile; other tests write nothing there.</summary>
public sealed class ConsoleWarningsTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_WhatIsAmiss_IsWrittenOnceEach()
    {
        using PretrainedModel model = SmallModel.Create();
        List<PreparedPair> rows = [.. RandomPairs.Make(60, 1024, seed: 3).Select(SmallModel.Row)];
        rows[1].RejectedLossMask = new float[rows[1].RejectedLossMask.Length];

        string[] written = Written(new() { Model = model, LogInterval = 2, ConsoleWarnings = true }, _context.Data.LoadFromEnumerable(rows));

        written.Where(line => line.StartsWith("DpoTrainer warning: LearningRate 4e-8 (the default", StringComparison.Ordinal)
            && line.Contains("stays at ln 2") && line.Contains("Set LearningRate, for example to ")).Should().ContainSingle();
        written.Where(line => line.StartsWith("DpoTrainer warning: 1 pairs carry no preference", StringComparison.Ordinal)
            && line.Contains("lines 2")).Should().ContainSingle();
        written.Where(line => line.StartsWith("DpoTrainer warning: NoLearning guard at step 10", StringComparison.Ordinal)).Should().ContainSingle();
        written.Should().OnlyHaveUniqueItems().And.OnlyContain(line => line.StartsWith("DpoTrainer warning: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, false, null, true)]
    [InlineData(true, false, null, false)]
    [InlineData(false, true, null, false)]
    [InlineData(false, false, false, false)]
    [InlineData(true, true, true, true)]
    public void Of_Options_WritesWhereNobodyElseIsTold(bool progress, bool logger, bool? asked, bool writes)
    {
        using PretrainedModel model = SmallModel.Create();
        DpoTrainer.Options options = new()
        {
            Model = model, ConsoleWarnings = asked, Progress = progress ? new Progress<DpoProgress>() : null, Logger = logger ? NullLogger.Instance : null,
        };
        using IChannel inner = ((IHostEnvironment)_context).Register("test").Start("test");
        AppContext.SetSwitch(TrainingOptions.ConsoleWarningsSwitch, true);
        try
        {
            (WarningChannel.Of(inner, "DpoTrainer", options) is WarningChannel).Should().Be(writes);
        }
        finally
        {
            AppContext.SetSwitch(TrainingOptions.ConsoleWarningsSwitch, false);
        }
    }

    [Fact]
    public void Of_SwitchOfTheApp_SilencesTheDefaultOnly()
    {
        using PretrainedModel model = SmallModel.Create();

        Written(new() { Model = model }, SmallModel.Pairs(_context, 4)).Should().BeEmpty();
        Written(new() { Model = model, ConsoleWarnings = true }, SmallModel.Pairs(_context, 4)).Should().NotBeEmpty();
    }

    [Fact]
    public void Warning_SameWithOtherNumbers_IsWrittenOnceAndLoggedEachTime()
    {
        List<string> logged = [];
        _context.Log += (_, line) => logged.Add(line.Message);
        StringWriter output = new();
        using (IChannel channel = new WarningChannel(((IHostEnvironment)_context).Register("test").Start("test"), "SftTrainer", output))
        {
            channel.Warning(MessageSensitivity.None, "{0} steps were skipped", 3);
            channel.Warning(MessageSensitivity.None, "{0} steps were skipped", 14);
            channel.Warning(MessageSensitivity.None, "another");
            channel.Info(MessageSensitivity.None, "step {0}", 1);
        }

        output.ToString().Should().Be($"SftTrainer warning: 3 steps were skipped{Environment.NewLine}SftTrainer warning: another{Environment.NewLine}");
        logged.Should().ContainMatch("*14 steps were skipped").And.ContainMatch("*step 1");
    }

    private string[] Written(DpoTrainer.Options options, IDataView pairs)
    {
        StringWriter caught = new();
        TextWriter before = Console.Error;
        Console.SetError(caught);
        try
        {
            using DpoTransformer trained = new DpoTrainer(_context, options).Fit(pairs);
        }
        finally
        {
            Console.SetError(before);
        }
        return caught.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
