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

    [Theory]
    [InlineData(true, "A+ B+ A- B-", "on off off on")]
    [InlineData(true, "A+ B+ B- A-", "on off on on")]
    [InlineData(true, "B+ A+ B- A-", "off off on on")]
    [InlineData(false, "A+ B+ A- B-", "on off off off")]
    [InlineData(false, "B+ A+ A- B-", "off off off off")]
    public void Scopes_RunsThatBeginAndEndInAnyOrder_KeepTheDigitsAndPutTheSwitchBack(bool before, string order, string states)
    {
        bool real = torch.backends.cuda.matmul.allow_tf32;
        torch.backends.cuda.matmul.allow_tf32 = before;
        ComputeSettings compute = new(s_gpu, ComputePrecision.Fp32, torch.ScalarType.Float32);
        Dictionary<char, Tf32Scope> running = [];
        List<string> seen = [];
        try
        {
            foreach (string step in order.Split(' '))
            {
                if (step[1] == '+')
                    running[step[0]] = new Tf32Scope(step[0] == 'A', compute, _ => { }); // A allows it, B does not
                else
                    running[step[0]].Dispose();
                seen.Add(torch.backends.cuda.matmul.allow_tf32 ? "on" : "off");
            }
        }
        finally
        {
            torch.backends.cuda.matmul.allow_tf32 = real;
        }

        string.Join(' ', seen).Should().Be(states);
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
        FluentActions.Invoking(() => new DpoTrainer(context, new() { Model = model, AllowTf32 = true, Precision = ComputePrecision.Bf16 })).Should()
            .Throw<ArgumentException>().WithMessage("*AllowTf32 is about fp32*");
    }
}
