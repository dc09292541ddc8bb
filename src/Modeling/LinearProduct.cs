using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Rows times a linear layer's matrix; a single row on the CPU is divided over libtorch's threads.</summary>
/// <remarks>
/// MKL multiplies one row on one thread, at a fraction of the memory's speed, and that is all of a decoded token's work.
/// A batch of such products, one for each thread's share of the matrix, runs on all of them.
/// </remarks>
internal static class LinearProduct
{
    private const long LeastElements = 1 << 16; // below this a product takes less time than waking the threads

    /// <summary>Multiplies.</summary>
    /// <param name="input">(N, input).</param>
    /// <param name="weight">(output, input), in the input's element type.</param>
    /// <returns>(N, output).</returns>
    public static Tensor Of(Tensor input, Tensor weight) => Of(input, weight, get_num_threads()); // (N, output)

    /// <summary>The same for a given number of threads.</summary>
    internal static Tensor Of(Tensor input, Tensor weight, int threads)
    {
        int shares = input.shape[0] == 1 && input.device_type == DeviceType.CPU && weight.numel() >= LeastElements ? Shares(weight.shape[0], threads) : 1;
        if (shares == 1)
            return nn.functional.linear(input, weight); // (N, output)

        using DisposeScope scope = NewDisposeScope();
        Tensor matrices = weight.view(shares, -1, weight.shape[1]).transpose(1, 2); // (shares, input, output / shares)
        return input.unsqueeze(0).expand(shares, -1, -1).bmm(matrices).view(1, -1).MoveToOuterDisposeScope(); // (1, output)
    }

    /// <summary>The most shares, one for a thread at most, that divide the outputs evenly.</summary>
    private static int Shares(long outputs, int threads)
    {
        int shares = threads;
        while (outputs % shares != 0)
            shares--;
        return shares;
    }
}
