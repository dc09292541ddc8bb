using System.Runtime.CompilerServices;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

/// <summary>ncclUniqueId: how the ranks of one communicator find each other; passed by value.</summary>
[InlineArray(Size)]
internal struct NcclUniqueId
{
    public const int Size = 128;

    private byte _first;
}
