namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>An all-reduce of a tensor that the communication thread carries out.</summary>
internal sealed class MpiPendingReduction(MpiCollective collective, HostTensor host, Action<MpiCollective> complete) : IPendingCollective
{
    private bool _waited;

    public bool IsCompleted => collective.IsCompleted;

    public void Wait()
    {
        if (_waited)
            return;
        complete(collective);
        host.Return();
        _waited = true;
    }
}
