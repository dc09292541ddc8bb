namespace MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

/// <summary>The values of ncclDataType_t that are used.</summary>
internal enum NcclDataType
{
    /// <summary>ncclInt8; whatever is only moved goes as bytes.</summary>
    Byte = 0,

    /// <summary>ncclFloat32.</summary>
    Float32 = 7,
}
