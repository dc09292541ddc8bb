namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>An observer with a memory that a resumed run must get back, such as the best evaluation so far.</summary>
internal interface IResumableObserver : ITrainingObserver
{
    /// <summary>The memory's name in a checkpoint; no two observers of a run have the same.</summary>
    string MemoryName { get; }

    /// <summary>The memory between two steps; its tensors stay the observer's. Of several processes only rank 0 is asked.</summary>
    ObserverMemory Save();

    /// <summary>Takes a memory back, on every rank, before <see cref="ITrainingObserver.Started"/>; the caller disposes its tensors.</summary>
    void Load(ObserverMemory memory);
}
