using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

public sealed class LibtorchCallTests
{
    private const string Attention = "aten::_scaled_dot_product_flash_attention_for_cpu";

    public LibtorchCallTests() => TorchNativeLibrary.EnsureLoaded();

    [Theory]
    [InlineData(null)]
    [InlineData(0.3)]
    public void Invoke_WithNumbersFlagsAndOptionalArguments_GivesValuesAndGradients(double? scale)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(7, CPU);
        Tensor[] inputs = [.. Enumerable.Range(0, 3).Select(_ => randn([1, 2, 6, 4], generator: random).requires_grad_())]; // (1, heads, T, D)
        Tensor direction = randn([1, 2, 6, 4], generator: random);
        Tensor mask = ones([6, 6]).triu(1).mul(-1e9); // (T, T)
        Tensor[] Outcome(Tensor output)
        {
            output.backward([direction]);
            Tensor[] outcome = [output.detach(), .. inputs.Select(input => input.grad!.clone())];
            foreach (Tensor input in inputs)
                input.grad!.zero_().Dispose();
            return outcome;
        }

        Tensor[] results = LibtorchCall.Invoke(Attention, "", 2,
            LibtorchValue.Of(inputs[0]), LibtorchValue.Of(inputs[1]), LibtorchValue.Of(inputs[2]), LibtorchValue.Of(0.0), LibtorchValue.Of(false),
            LibtorchValue.Optional(mask), scale is { } given ? LibtorchValue.Optional(given) : LibtorchValue.None);
        Tensor[] actual = Outcome(results[0]);

        Tensor scores = inputs[0].matmul(inputs[1].transpose(2, 3)).mul(scale ?? 0.5).add(mask); // (1, heads, T, T)
        Tensor[] expected = Outcome(nn.functional.softmax(scores, -1).matmul(inputs[2]));
        for (int i = 0; i < actual.Length; i++)
            actual[i].sub(expected[i]).abs().max().item<float>().Should().BeLessThan(1e-5f, "result {0}", i);
        results[1].sub(scores.logsumexp(-1)).abs().max().item<float>().Should().BeLessThan(1e-5f);
    }

    [Fact]
    public void Invoke_AnOperationThatLibtorchDoesNotHave_IsAnErrorWithItsName()
    {
        (int exit, string output) = NativeProbeProcess.Run(["call", "aten::no_such_operation"], new Dictionary<string, string?>());

        exit.Should().Be(1);
        output.Should().Contain("libtorch could not run aten::no_such_operation");
    }

    [Fact]
    public void Invoke_TenThousandTimes_LeavesNoTensorBehind()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = ones([1 << 16]), decay = ones([1 << 16]); // 256 KiB each: what one call left would be 2.5 GB after all
        long before = Environment.WorkingSet;

        for (int i = 0; i < 10_000; i++)
        {
            using DisposeScope step = NewDisposeScope();
            // values by reference, a list, and an optional tensor
            LibtorchCall.Invoke("aten::clamp", "Tensor", 1, LibtorchValue.Of(values), LibtorchValue.Optional(decay), LibtorchValue.None);
        }

        (Environment.WorkingSet - before).Should().BeLessThan(64 << 20);
    }
}
