using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class Tf32Tests
{
    private static readonly torch.Device s_gpu = new(DeviceType.CUDA, 0); // named, not used

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(null, true)]
    public void Scope_OnAGpu_SetsLibtorchsSwitchAndPutsItBack(bool? allowed, bool inside)
    {
        bool before = torch.backends.cuda.matmul.allow_tf32;
        torch.backends.cuda.matmul.allow_tf32 = true;
        List<string> warnings = [];
        try
        {
            using (new Tf32Scope(allowed, new ComputeSettings(s_gpu, ComputePrecision.Fp32, torch.ScalarType.Float32), warnings.Add))
                torch.backends.cuda.matmul.allow_tf32.Should().Be(inside);
            torch.backends.cuda.matmul.allow_tf32.Should().BeTrue();
            warnings.Should().BeEmpty();
        }
        finally
        {
            torch.backends.cuda.matmul.allow_tf32 = before;
        }
    }

    [Fact]
    public void Scope_WhereItCanDoNothing_SaysSo()
    {
        List<string> warnings = [];

        new Tf32Scope(true, new ComputeSettings(torch.CPU, ComputePrecision.Fp32, torch.ScalarType.Float32), warnings.Add).Dispose();
        new Tf32Scope(true, new ComputeSettings(s_gpu, ComputePrecision.Bf16, torch.ScalarType.BFloat16), warnings.Add).Dispose();

        warnings.Should().HaveCount(2);
        warnings[0].Should().StartWith("AllowTf32 changes nothing on cpu");
        warnings[1].Should().StartWith("AllowTf32 changes nothing of Bf16 matrix products");
    }

    [Fact]
    public void Fit_OnTheCpu_LogsThatTf32DoesNothing()
    {
        MLContext context = new(seed: 1);
        List<string> log = [];
        context.Log += (_, line) => log.Add(line.Message);
        using PretrainedModel model = SmallModel.Create();

        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, AllowTf32 = true }).Fit(SmallModel.Pairs(context, 4));

        log.Should().ContainSingle(line => line.Contains("AllowTf32 changes nothing on cpu", StringComparison.Ordinal));
        FluentActions.Invoking(() => new DpoTrainer(context, new() { Model = model, AllowTf32 = true, Precision = ComputePrecision.Bf16 })).Should().Throw<ArgumentException>().WithMessage("*AllowTf32 is about fp32*");
    }
}
