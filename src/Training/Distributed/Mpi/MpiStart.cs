namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>Begins one request of a collective, on the communication thread.</summary>
internal unsafe delegate void MpiStart(MpiApi api, nint* request);
