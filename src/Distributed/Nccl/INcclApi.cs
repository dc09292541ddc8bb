namespace MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

/// <summary>The functions of NCCL that are used, with their result codes; everything runs on the legacy default stream.</summary>
internal interface INcclApi
{
    int GetUniqueId(out NcclUniqueId id);

    /// <summary>Returns when all ranks have called it.</summary>
    int CommInitRank(out nint communicator, int size, NcclUniqueId id, int rank);

    int AllReduce(nint buffer, nuint count, NcclDataType type, nint communicator);

    int Broadcast(nint buffer, nuint count, NcclDataType type, int root, nint communicator);

    int GroupStart();

    int GroupEnd();

    int CommGetAsyncError(nint communicator, out int error);

    /// <summary>Stops the kernels of a communicator whose ranks are out of step.</summary>
    int CommAbort(nint communicator);

    int CommDestroy(nint communicator);

    /// <summary>What a result code means.</summary>
    string ErrorText(int code);
}
