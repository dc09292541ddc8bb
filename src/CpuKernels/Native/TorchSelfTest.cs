using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>
/// Whether TorchSharp and the libtorch of this process understand each other: where the layout of an object differs, calls give wrong numbers or end the
/// process, and neither versions nor symbols tell.
/// </summary>
/// <remarks>Every step uses another part of the border: objects' fields, memory, lists of tensors, automatic gradients, exceptions, generators.</remarks>
internal static class TorchSelfTest
{
    private static readonly (string What, Func<Device, bool> Holds)[] s_checks =
    [
        ("sizes and strides of a transposed tensor", Shapes),
        ("numbers written and read in place", Data),
        ("a matrix product", Product),
        ("element types and devices", Kinds),
        ("slices, joins and sorted lists", Lists),
        ("gradients", Gradients),
        ("an error that libtorch reports", Errors),
        ("random numbers of a seed", Random),
        ("attention and log-softmax", Attention),
    ];

    /// <summary>Runs every check on the CPU, and on the first GPU where libtorch sees one.</summary>
    /// <returns>What does not hold; <see langword="null"/> where all does.</returns>
    public static string? Run()
    {
        List<Device> devices = [CPU];
        if (cuda.is_available())
            devices.Add(CUDA);
        foreach (Device device in devices)
        {
            foreach ((string what, Func<Device, bool> holds) in s_checks)
            {
                if (Failure(device, holds) is { } failure)
                    return $"{what} on {device}: {failure}";
            }
        }
        return null;
    }

    private static string? Failure(Device device, Func<Device, bool> holds)
    {
        using DisposeScope scope = NewDisposeScope();
        try
        {
            return holds(device) ? null : "the numbers are wrong";
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return failure.Message;
        }
    }

    private static bool Shapes(Device device)
    {
        Tensor tensor = Counted(24, device).view(2, 3, 4), moved = tensor.transpose(0, 2);
        return tensor.numel() == 24 && tensor.ndim == 3 && tensor.shape is [2, 3, 4] && tensor.is_contiguous() && tensor.element_size() == 4
            && moved.shape is [4, 3, 2] && moved.stride() is [1, 4, 12] && !moved.is_contiguous() && tensor.narrow(1, 1, 2).storage_offset() == 4;
    }

    private static bool Data(Device device)
    {
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => i * 0.5f)];
        Tensor there = tensor(values, device: device);
        there.narrow(0, 500, 1).copy_(tensor(new float[] { 7 }));
        values[500] = 7f;
        return there.cpu().data<float>().ToArray().AsSpan().SequenceEqual(values);
    }

    private static bool Product(Device device)
    {
        Tensor left = Counted(6, device).view(2, 3), right = Counted(12, device).view(3, 4);
        return Floats(left.mm(right)) is [20, 23, 26, 29, 56, 68, 80, 92] && Floats(left.sum(0L)) is [3, 5, 7];
    }

    private static bool Kinds(Device device)
    {
        Tensor half = ones([2, 2], ScalarType.BFloat16, device);
        Tensor whole = half.to(ScalarType.Int64);
        return half.dtype == ScalarType.BFloat16 && half.device_type == device.type && whole.dtype == ScalarType.Int64 && !whole.requires_grad
            && whole.sum().item<long>() == 4 && half.Mul(1.5).to(ScalarType.Float64).sum().item<double>() == 6;
    }

    private static bool Lists(Device device)
    {
        Tensor values = tensor(new long[] { 3, 1, 2 }, device: device);
        (Tensor sorted, Tensor order) = values.sort();
        Tensor[] parts = cat([values, sorted]).split(2);
        return parts.Length == 3 && sorted.cpu().data<long>().ToArray() is [1, 2, 3] && order.cpu().data<long>().ToArray() is [1, 2, 0]
            && stack(parts).sum().item<long>() == 12 && values[TensorIndex.Slice(1)].cpu().data<long>().ToArray() is [1, 2];
    }

    private static bool Gradients(Device device)
    {
        Tensor weight = tensor(new float[] { 1, 2, 3 }, device: device).requires_grad_();
        Tensor loss = (weight * weight).sum();
        loss.backward();
        bool right = weight.is_leaf && weight.requires_grad && Floats(weight.grad!) is [2, 4, 6] && loss.item<float>() == 14;
        using (no_grad())
            right &= !weight.Mul(2).requires_grad;
        using nn.Module<Tensor, Tensor> layer = nn.Linear(3, 2, device: device);
        layer.call(weight.detach()).sum().backward();
        return right && layer.parameters().Sum(p => p.grad!.numel()) == 8;
    }

    private static bool Errors(Device device)
    {
        try
        {
            using Tensor none = ones([2, 3], device: device).mm(ones([2, 3], device: device));
            return false;
        }
        catch (ExternalException refused)
        {
            return refused.Message.Contains("shapes cannot be multiplied", StringComparison.Ordinal);
        }
    }

    private static bool Random(Device device)
    {
        using Generator first = new(7, device), second = new(7, device);
        Tensor one = randn([64], device: device, generator: first), other = randn([64], device: device, generator: second);
        return first.initial_seed() == 7 && (one - other).abs().max().item<float>() == 0 && one.abs().max().item<float>() is > 0.5f and < 7f;
    }

    private static bool Attention(Device device)
    {
        Tensor value = Counted(8, device).view(1, 1, 4, 2), zero = zeros_like(value);
        Tensor causal = nn.functional.scaled_dot_product_attention(zero, zero, value, null, 0, true); // means of what came before
        Tensor probabilities = tensor(new float[] { 0, 0, 0, 0 }, device: device).log_softmax(-1).exp();
        return Floats(causal.flatten()) is [0, 1, 1, 2, 2, 3, 3, 4] && Math.Abs(probabilities.sum().item<float>() - 1) < 1e-6;
    }

    private static Tensor Counted(int count, Device device) => tensor(Enumerable.Range(0, count).Select(i => (float)i).ToArray(), device: device);

    private static float[] Floats(Tensor tensor) => tensor.detach().cpu().to(ScalarType.Float32).contiguous().data<float>().ToArray();
}
