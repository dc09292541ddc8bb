namespace MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

/// <summary>Marks in a device's legacy default stream, to see from outside whether its work gets on.</summary>
internal interface ICudaEvents
{
    /// <summary>Makes the device the calling thread's current one.</summary>
    void UseDevice();

    /// <summary>Puts a mark behind all work given to the stream so far.</summary>
    nint Record();

    /// <summary>Whether the stream has come past the mark.</summary>
    bool IsReached(nint mark);

    /// <summary>Lets the mark go.</summary>
    void Release(nint mark);
}
