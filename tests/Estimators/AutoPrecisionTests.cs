using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Loop;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed partial class AutoPrecisionTests
{
    [Theory]
    [InlineData(50e9, 120e9, ComputePrecision.Bf16)]
    [InlineData(50e9, 20e9, ComputePrecision.Fp32)]
    [InlineData(50e9, 50e9, ComputePrecision.Fp32)]
    public void Of_Auto_TakesWhatWasMeasuredFasterAndKeepsThePrecisionInDoubt(double fp32, double bf16, ComputePrecision expected)
    {
        PrecisionProbe probe = new(fp32, bf16);

        ComputeSettings settings = ComputeSettings.Of(torch.CPU, ComputePrecision.Auto, () => probe);

        settings.Precision.Should().Be(expected);
        settings.Type.Should().Be(expected == ComputePrecision.Bf16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32);
        settings.Measured.Should().BeSameAs(probe);
        settings.Describe().Should().Be($"{expected} on cpu (Auto: products reach {bf16 / 1e9:F0} GFLOP/s in bf16 and {fp32 / 1e9:F0} in fp32)");
    }

    [Theory]
    [InlineData(ComputePrecision.DeviceDefault, ComputePrecision.Fp32)]
    [InlineData(ComputePrecision.Fp32, ComputePrecision.Fp32)]
    [InlineData(ComputePrecision.Bf16, ComputePrecision.Bf16)]
    public void Of_AnythingElse_MeasuresNothing(ComputePrecision wanted, ComputePrecision expected)
    {
        ComputeSettings settings = ComputeSettings.Of(torch.CPU, wanted, () => throw new InvalidOperationException("Nothing asked for a measurement."));

        settings.Precision.Should().Be(expected);
        settings.Describe().Should().Be($"{expected} on cpu");
    }

    [Fact]
    public void Fit_Auto_ChoosesByWhatItMeasuredAndLogsIt()
    {
        MLContext context = new(seed: 1);
        List<string> log = [];
        context.Log += (_, line) => log.Add(line.Message);
        using PretrainedModel model = SmallModel.Create();

        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, Precision = ComputePrecision.Auto }).Fit(SmallModel.Pairs(context, 4));

        Match measured = log.Select(line => Measured().Match(line)).Should().ContainSingle(match => match.Success).Subject;
        ComputePrecision chosen = trained.TrainingSummary.Precision;
        measured.Groups["chosen"].Value.Should().Be($"{chosen}");
        double Rate(string precision) => double.Parse(measured.Groups[precision].Value, CultureInfo.InvariantCulture);
        (Rate("bf16"), Rate("fp32")).Should().Match<(double Bf16, double Fp32)>(
            rates => chosen == ComputePrecision.Bf16 ? rates.Bf16 >= rates.Fp32 : chosen == ComputePrecision.Fp32 && rates.Fp32 >= rates.Bf16,
                $"it chose {chosen}, and the log rounds");
    }

    [GeneratedRegex("(?<chosen>[A-Z]\\w+) on cpu \\(Auto: products reach (?<bf16>\\d+) GFLOP/s in bf16 and (?<fp32>\\d+) in fp32\\)")]
    private static partial Regex Measured();
}
