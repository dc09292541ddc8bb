using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets libtorch's number of threads for a while.</summary>
internal sealed class ThreadScope : IDisposable
{
    private readonly int _before = torch.get_num_threads();

    public ThreadScope(int? threads)
    {
        if (threads is { } count) torch.set_num_threads(count);
    }

    public void Dispose()
    {
        if (torch.get_num_threads() != _before) torch.set_num_threads(_before);
    }
}
