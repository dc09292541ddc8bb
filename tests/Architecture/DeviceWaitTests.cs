using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>
/// Every place at which the host waits for the device: values read from it, sizes that depend on values, copies from memory that is not pinned.
/// </summary>
public sealed partial class DeviceWaitTests
{
    [Fact]
    public void Sources_OfTheTrainingStep_WaitForTheDeviceAtKnownPlacesOnly()
    {
        string[] found =
        [
            .. new[] { "CpuKernels", "Distributed", "Modeling", "Training", "Estimators" }
                .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(TestFiles.RepositoryRoot, "src", folder), "*.cs", SearchOption.AllDirectories))
                .SelectMany(path => File.ReadLines(path).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
                    .SelectMany(line => Waiting().Matches(line))
                    .Select(match => $"{Path.GetFileNameWithoutExtension(path)} {match.Groups.Values.Skip(1).First(group => group.Success).Value}"))
                .Distinct().Order(StringComparer.Ordinal),
        ];

        found.Where(place => !s_known.ContainsKey(place)).Should()
            .BeEmpty("a step between two measurements must not wait for a GPU; where it need not be in such a step, say when it runs");
        s_known.Keys.Except(found).Should().BeEmpty("what is gone need not be listed");
    }

    private static readonly Dictionary<string, string> s_known = new()
    {
        ["BaselineEstimate item"] = "with several ranks, which wait for each other in every step",
        ["EpochOrder data"] = "on the CPU",
        ["FeedbackValidation cpu"] = "in an evaluation",
        ["FeedbackValidation data"] = "in an evaluation",
        ["FlatParameters item"] = "with a gradient scaler only, which must know at once whether gradients overflowed",
        ["FlashAttentionTrial item"] = "once in a process, before the first attention on its card",
        ["FormatShift cpu"] = "before the first step",
        ["FormatShift data"] = "the same",
        ["GradientStep item"] = "when the norm is read, at a measurement",
        ["HeldOutPairs cpu"] = "before the first step, and between trials of learning rates",
        ["HeldOutPairs data"] = "the same",
        ["HostTensor cpu"] = "gradients that MPI sends through the host's memory; NCCL does not",
        ["MetricAccumulator cpu"] = "at a measurement or a checkpoint",
        ["MetricAccumulator data"] = "at a measurement or a checkpoint",
        ["PlainAttention cpu"] = "in that trial",
        ["PlainAttention data"] = "the same",
        ["MixtureOfExperts masked_select"] = "experts' rows are as many as are chosen; dense models do not come here",
        ["MixtureOfExperts nonzero"] = "the same",
        ["NextTokenDivergence item"] = "in an evaluation",
        ["NonFiniteGuard item"] = "once in a run, after a loss or gradient that is not finite",
        ["NonFiniteSearch item"] = "the same",
        ["PrecomputedReference cpu"] = "before the first step",
        ["PrecomputedReference data"] = "before the first step",
        ["PreferenceLoss item"] = "in an evaluation of scores",
        ["PreferenceObjective item"] = "in an evaluation of scores, on the CPU",
        ["PreferenceSums cpu"] = "in an evaluation",
        ["PreferenceSums data"] = "in an evaluation",
        ["ReplicaCheck cpu"] = "before the first step and after the last",
        ["RotaryEmbedding data"] = "when an ONNX file is written, on the CPU",
        ["StartCheck cpu"] = "before the first step",
        ["StartCheck data"] = "before the first step",
        ["ResponseScorer cpu"] = "when a trained model scores rows, which no step does",
        ["ResponseScorer data"] = "the same",
        ["SupervisedValidation item"] = "in an evaluation",
        ["TorchSelfTest cpu"] = "in a process of its own, which tries libraries",
        ["TorchSelfTest data"] = "the same",
        ["TorchSelfTest item"] = "the same",
        ["TorchSelfTest tensor"] = "the same",
        ["WeightSample data"] = "at a measurement that shows no learning",
    };

    [GeneratedRegex(@"\.(item)<|\.(cpu)\(\)|\.(data)<|\.(ToSingle|ToDouble|ToInt64|nonzero|masked_select|tolist)\(|(?<![\w.])(tensor)\([^;]*device:")]
    private static partial Regex Waiting();
}
