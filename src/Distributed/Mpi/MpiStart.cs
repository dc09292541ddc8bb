namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>Begins one request of a collective, on the communication thread.</summary>
/// <param name="api">The library.</param>
/// <param name="scratch"><see cref="MpiWorker.ScratchBytes"/> of memory that are the request's own until it is done.</param>
/// <param name="request">Receives the library's handle.</param>
internal unsafe delegate void MpiStart(MpiApi api, nint scratch, nint* request);
