using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Twin.NgsiLd;
using Status = Grpc.Core.Status;

namespace Twin.EntityRegistry.Grpc;

/// <summary>
/// The gRPC status for what NGSI-LD refuses, with the details of the richer error model in the trailer
/// <c>grpc-status-details-bin</c>: the error type, and the field at fault.
/// </summary>
internal static class NgsiLdStatus
{
    private const string DetailsTrailer = "grpc-status-details-bin";
    private const string Domain = "uri.etsi.org/ngsi-ld/errors";
    private const string TypeUrl = "type.googleapis.com";

    /// <summary>What the call ends with.</summary>
    public static RpcException Of(NgsiLdException fault)
    {
        var code = CodeOf(fault.ErrorType);
        var details = new Google.Rpc.Status { Code = (int)code, Message = fault.Message };
        details.Details.Add(Any.Pack(new ErrorInfo { Reason = fault.ErrorType.ToString(), Domain = Domain }, TypeUrl));
        if (fault.Member is { } member)
        {
            var violation = new BadRequest.Types.FieldViolation { Field = member, Description = fault.Message };
            details.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violation } }, TypeUrl));
        }

        return new RpcException(new Status(code, fault.Message), new Metadata { { DetailsTrailer, details.ToByteArray() } });
    }

    private static StatusCode CodeOf(NgsiLdErrorType type) => type switch
    {
        NgsiLdErrorType.InvalidRequest or NgsiLdErrorType.BadRequestData => StatusCode.InvalidArgument,
        NgsiLdErrorType.AlreadyExists => StatusCode.AlreadyExists,
        NgsiLdErrorType.Conflict => StatusCode.Aborted,
        NgsiLdErrorType.ResourceNotFound or NgsiLdErrorType.NonexistentTenant => StatusCode.NotFound,
        NgsiLdErrorType.TooComplexQuery => StatusCode.InvalidArgument,
        NgsiLdErrorType.TooManyResults => StatusCode.ResourceExhausted,
        NgsiLdErrorType.OperationNotSupported or NgsiLdErrorType.NoMultiTenantSupport => StatusCode.Unimplemented,
        NgsiLdErrorType.LdContextNotAvailable => StatusCode.Unavailable,
        NgsiLdErrorType.InternalError => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };
}
