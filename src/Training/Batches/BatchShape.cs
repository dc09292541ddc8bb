namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>How the pairs of a batch become rows of the network.</summary>
internal enum BatchShape
{
    /// <summary>Sequence after sequence without padding; each pair's shared prefix once, its two continuations after it.</summary>
    PackedWithSharedPrefix,

    /// <summary>Sequence after sequence without padding; chosen first, then rejected.</summary>
    Packed,

    /// <summary>Chosen over rejected, padded to the longest of the batch.</summary>
    PaddedToLongest,

    /// <summary>Chosen over rejected, padded to a fixed length: MiniMind's own way.</summary>
    PaddedToMaximum,
}
