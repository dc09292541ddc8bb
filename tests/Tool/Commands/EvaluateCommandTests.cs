using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class EvaluateCommandTests(TrainedRuns runs)
{
    [Fact]
    public void Evaluate_FolderAgainstReference_IsTheRunsOwnMeasurement()
    {
        ToolRun folder = ToolRun.Of(
            "evaluate", runs.Measured, "--model", Path.Combine(runs.First, "model"), "--reference-model", TestFiles.Model,
            "--preparation.max-length", "64", "--json");
        ToolRun zip = ToolRun.Of("evaluate", runs.Measured, "--model", Path.Combine(runs.First, "model.zip"), "--json");

        folder.Exit.Should().Be(0, folder.Errors);
        JsonObject record = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(runs.First, "run.json")))!["metrics"]!;
        foreach ((string field, string metric) in new[]
        {
            ("accuracy", "eval_rewards/accuracies"), ("reward_margin", "eval_rewards/margins"), ("loss", "eval_loss"),
        })
        {
            double expected = record[metric]!.GetValue<double>();
            folder.EventsOf("held_out").Single()[field]!.GetValue<double>().Should().BeApproximately(expected, 1e-5, field);
            zip.EventsOf("held_out").Single()[field]!.GetValue<double>().Should().BeApproximately(expected, 1e-5, field);
        }
    }

    [Fact]
    public void Evaluate_Text_HasIntervals()
    {
        ToolRun run = ToolRun.Of("evaluate", runs.Measured, "--model", Path.Combine(runs.First, "model.zip"));

        run.Lines[0].Should().Be("Pairs measured: 12");
        run.Output.Should().MatchRegex("chosen answer likelier   [0-9.]+ %\n").And.MatchRegex("log-prob margin +-?[0-9.]+ nats [(]-?[0-9.]+ to -?[0-9.]+[)]")
            .And.MatchRegex("accuracy +[0-9.]+ % [(][0-9.]+ % to [0-9.]+ %[)]");
    }

    [Fact]
    public void Evaluate_WithoutReference_TellsNoRewards()
    {
        ToolRun run = ToolRun.Of("evaluate", runs.Measured, "--model", TestFiles.Model);

        run.Exit.Should().Be(0, run.Errors);
        run.Output.Should().Contain("chosen answer likelier").And.NotContain("reward");
    }

    [Theory]
    [InlineData("'loss', 'beta' and 'reduction' are those of", "--beta", "0.1")]
    [InlineData("'preparation' is that of", "--preparation.max-length", "30")]
    [InlineData("has its own; leave it out.", "--reference-model", "somewhere")]
    [InlineData("--tokenizer is 'somewhere', but it is for a checkpoint", "--tokenizer", "somewhere")]
    public void Evaluate_WhatAZipDecides_IsRefused(string message, params string[] options)
    {
        ToolRun run = ToolRun.Of(["evaluate", runs.Measured, "--model", Path.Combine(runs.First, "model.zip"), .. options]);

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain(message);
    }
}
