using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>Tries <see cref="FlashAttention"/> on a few rows before a run relies on it.</summary>
/// <remarks>
/// Its operation is none of libtorch's public ones: its arguments and which row sees which have changed between releases, and cards below compute capability
/// 8.0 have no such kernel.
/// </remarks>
internal static class FlashAttentionTrial
{
    private const double Tolerance = 0.03; // of numbers around 1 in half precision

    /// <summary>What does not hold; <see langword="null"/> where all does.</summary>
    public static string? Fault(Device device, ScalarType type, long dim)
    {
        if (!LibtorchCall.IsAvailable)
            return "this libtorch lacks the interface that calls operations by name";
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable gradients = enable_grad();
            // two sequences alone, then one that shares the second one's rows as its prefix
            VariableLengthPlan plan = VariableLengthPlan.Of([5, 40, 9], [(0, 0), (0, 0), (5, 33)], device);
            using Generator random = new(1);
            Tensor Rows(long heads) => randn([54, heads, dim], generator: random).to(device); // (54, heads, D), fp32
            Tensor[] inputs = [Rows(4), Rows(2), Rows(2)];
            Tensor weight = Rows(4).view(54, -1); // (54, heads * D)
            double difference = 0;
            foreach (int window in (ReadOnlySpan<int>)[0, 6])
            {
                Tensor[] plain = Outcome(inputs, weight, tensors => PlainAttention.Attend(plan, tensors[0], tensors[1], tensors[2], window));
                Tensor[] flash = Outcome(inputs, weight, tensors => FlashAttention.Attend(
                    plan, tensors[0].to(type), tensors[1].to(type), tensors[2].to(type), window));
                difference = plain.Zip(flash, Distance).Append(difference).Max();
            }
            return difference < Tolerance ? null : FormattableString.Invariant(
                $"it differs from plain attention by {difference:0.###} of the largest number, more than {Tolerance}");
        }
        catch (ExternalException error)
        {
            return error.Message;
        }
    }

    /// <summary>The output and the gradients of what went in.</summary>
    private static Tensor[] Outcome(Tensor[] inputs, Tensor weight, Func<Tensor[], Tensor> attend)
    {
        Tensor[] leaves = [.. inputs.Select(input => input.detach().requires_grad_())];
        Tensor output = attend(leaves).to(ScalarType.Float32);
        output.mul(weight).sum().backward();
        return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
    }

    private static double Distance(Tensor expected, Tensor actual) =>
        expected.sub(actual).abs().max().item<float>() / expected.abs().max().item<float>();
}
