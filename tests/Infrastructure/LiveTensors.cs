using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>TorchSharp's count of the tensors that live, one for the whole process.</summary>
/// <remarks>Tests that ask for it stand in collections beside which nothing runs.</remarks>
internal static class LiveTensors
{
    /// <summary>The count once everything is gone that earlier tests left to the finalizer: it must not vanish between two counts.</summary>
    public static long Settled()
    {
        for (int i = 0; i < 2; i++) // what a finalizer lets go of may hold tensors itself
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return torch.Tensor.TotalCount;
    }
}
